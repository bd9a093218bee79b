update network set community_id = r.new_name from renamed r where r.old_name = network.community_id
