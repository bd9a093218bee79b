select part, base_id, version, model, stamp from published_file
