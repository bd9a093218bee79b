-- Which model a step asked, as ollama:<model>@<digest> (null: none), and how many answers it found kept: they cost nothing.
alter table llm_usage add column reader varchar;
alter table llm_usage add column cached integer default 0;
