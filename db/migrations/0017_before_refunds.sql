-- What a gateway that knows refunds by no name of ours said before one was asked for: what came of a call is told by what changed since.
alter table refunds add column left_before_minor bigint;
alter table refunds add column attempts_before integer
  check (attempts_before is null or called_at is not null);
