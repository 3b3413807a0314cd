"""The vector extension, and the guard that keeps audit entries as they were written."""

from django.db import migrations
from pgvector.django import VectorExtension

# A cascade from the account runs inside a trigger (depth 1); a statement of somebody's own does not (depth 0).
GUARD = """
CREATE FUNCTION spaces_audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit entries are append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER spaces_audit_append_only BEFORE UPDATE OR DELETE ON spaces_auditentry
    FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION spaces_audit_is_append_only();
"""
UNGUARD = "DROP TRIGGER spaces_audit_append_only ON spaces_auditentry; DROP FUNCTION spaces_audit_is_append_only();"


class Migration(migrations.Migration):
    dependencies = [("spaces", "0001_initial")]

    operations = [VectorExtension(), migrations.RunSQL(GUARD, UNGUARD)]
