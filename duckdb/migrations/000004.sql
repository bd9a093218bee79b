-- Which model a step asked, as ollama:<model>@<digest> (null: none), how many of its calls failed for the server's sake, how many
-- answers it found kept, which cost nothing, and about how many texts no answer could be used.
alter table llm_usage add column reader varchar;
alter table llm_usage add column cached integer default 0;
alter table llm_usage add column unfit integer default 0;
alter table llm_usage add column failed integer default 0;
