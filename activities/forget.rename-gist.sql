update gist set community_id = r.new_name from renamed r where r.old_name = gist.community_id
