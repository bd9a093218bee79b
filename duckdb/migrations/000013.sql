-- wording  the same number for texts that say the same in the same words; texts that were read before are read again, as their version
--          is an older one
alter table recall_text add column wording bigint default 0;
