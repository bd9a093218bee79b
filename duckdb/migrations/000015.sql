-- setting  of the profile's values that change what is there already, the one that it was made with
create table setting (
  name varchar primary key,
  value varchar not null
);
