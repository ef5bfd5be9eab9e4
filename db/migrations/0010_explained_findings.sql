-- A person may say why a finding is nothing to worry about: it stands, and counts no more, for as long as it stays as it was explained.
alter table recon_findings
  add column explained_at timestamptz,
  add column explained_by text,
  add column explanation text,
  -- How often it became a person's work: an explanation does not outlive what it explained.
  add column reports integer not null default 0,
  add constraint explained_by_somebody check ((explained_at is null) = (explained_by is null) and (explained_at is null) = (explanation is null));
update recon_findings set reports = 1 where reported_at is not null;
