-- The agents' table, for people who have none yet; the same columns as the predecessor's.
create table if not exists public.memories (
  id text primary key,
  content text not null,
  context text,
  tags text[] not null default '{}',
  metadata jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index if not exists memories_updated_at on public.memories (updated_at);
