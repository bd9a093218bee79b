select coalesce(list({'old_name': old_name, 'new_name': new_name}), [])::json::varchar as communities from renamed
