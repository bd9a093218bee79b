create table recall.association as from association order by src, dst
