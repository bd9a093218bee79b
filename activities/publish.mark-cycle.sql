update changed_cycle set published = true where not published
