update network set community_id = r.new_name, changed_at = $as_of::timestamp from renamed r where r.old_name = network.community_id
