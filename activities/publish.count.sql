select (select count(*) from recall_text)::int as recallable
