-- A gateway may take more than it was asked for, or another currency: that is a fact, and its amount the one that counts.
alter table payments add column mispaid boolean not null default false;
