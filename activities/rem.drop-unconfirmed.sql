delete from distant_association
where (confirmed_at is null and days_between(proposed_at, $as_of) > rem_confirm_days())
  or src not in (select memory_id from memory) or dst not in (select memory_id from memory)
