-- A refund that had arrived and was sent back is told apart from one that never went.
alter table refunds add column came_back boolean not null default false;
update refunds set came_back = true
where status = 'failed' and exists (
  select from booking_events
  where booking_id = refunds.booking_id and data ->> 'type' = 'refund.succeeded' and data ->> 'refundId' = refunds.id
);
-- Of a trip before the one a booking stands for: those that were confirmed, which nearly all were.
alter table payments add column earned_earlier boolean not null default false;
update payments set earned_earlier = of_earlier_trip where not mispaid;
