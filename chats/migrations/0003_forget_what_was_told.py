"""With a message goes its text in the log of webhooks, however it is deleted: by itself, with its chat, when it expires."""

from django.db import migrations

# An event of a question is about the answer to it, which goes with the question. What still waits is not sent.
FORGET = """
CREATE FUNCTION chats_forget_what_was_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM spaces_webhookdelivery) THEN
        UPDATE spaces_webhookdelivery d SET body = '', response = '', updated_at = now(), next_at = NULL,
            finished_at = COALESCE(d.finished_at, now()),
            said = CASE WHEN d.state IN ('waiting', 'again') THEN 'Deleted with its chat.' ELSE d.said END,
            state = CASE WHEN d.state IN ('waiting', 'again') THEN 'dropped' ELSE d.state END
        FROM gone WHERE d.account_id = gone.account_id AND d.subject_id = gone.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER chats_message_forget_what_was_told AFTER DELETE ON chats_message
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION chats_forget_what_was_told();
"""
REMEMBER = """
DROP TRIGGER chats_message_forget_what_was_told ON chats_message;
DROP FUNCTION chats_forget_what_was_told();
"""
# Of what was deleted before.
PAST = """
UPDATE spaces_webhookdelivery d SET body = '', response = ''
WHERE d.event LIKE 'unique.chat.%' AND d.state NOT IN ('waiting', 'again')
    AND NOT EXISTS (SELECT FROM chats_message m WHERE m.account_id = d.account_id AND m.id = d.subject_id)
"""


class Migration(migrations.Migration):
    dependencies = [("chats", "0002_webhook_by_admin"), ("spaces", "0011_deliveries_of_subject")]

    operations = [migrations.RunSQL(FORGET, REMEMBER), migrations.RunSQL(PAST, migrations.RunSQL.noop)]
