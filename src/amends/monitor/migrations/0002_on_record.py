"""Failures are not deleted, so rows elsewhere may point to them without a check at each write (docs/decisions/0011);
what people did with incidents is append-only."""

from django.db import migrations

ONLY_ADDED = """
create function monitor_failures_stay() returns trigger language plpgsql as $body$
begin
    raise exception 'failures are not deleted: what was broken stays on record' using errcode = 'restrict_violation';
end $body$;
create trigger monitor_failures_stay before delete on monitor_failure
    for each statement execute function monitor_failures_stay();
create function monitor_incident_acts_stay() returns trigger language plpgsql as $body$
begin
    raise exception 'what was done stays on record' using errcode = 'restrict_violation';
end $body$;
create trigger monitor_incident_acts_stay before update or delete on monitor_incidentact
    for each statement execute function monitor_incident_acts_stay();
"""
FREE = """
drop trigger monitor_incident_acts_stay on monitor_incidentact;
drop function monitor_incident_acts_stay();
drop trigger monitor_failures_stay on monitor_failure;
drop function monitor_failures_stay();
"""


class Migration(migrations.Migration):
    dependencies = [("monitor", "0001_initial")]

    operations = [migrations.RunSQL(ONLY_ADDED, FREE)]
