"""What holds whoever writes: from the pages, from a shell, or by SQL."""

from django.db import migrations

FORWARD = """
ALTER TABLE training_evaluationreport ADD CONSTRAINT report_hash_is_that_of_its_content
    CHECK (sha256 = encode(sha256(convert_to(content, 'UTF8')), 'hex'));

CREATE FUNCTION training_is_never_edited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Rows of % are added, and never edited.', TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_is_never_edited';
END $$;
CREATE TRIGGER report_is_never_edited BEFORE UPDATE ON training_evaluationreport
    FOR EACH ROW EXECUTE FUNCTION training_is_never_edited();
CREATE TRIGGER decision_is_never_edited BEFORE UPDATE ON training_decision
    FOR EACH ROW EXECUTE FUNCTION training_is_never_edited();

-- What a decision says of itself is looked up here, whatever the statement said. The constraint
-- nobody_promotes_what_they_trained_under_four_eyes then reads it.
CREATE FUNCTION training_decision_binds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.four_eyes := COALESCE((
        SELECT four_eyes FROM training_decisionsettings WHERE bot_id = NEW.bot_id
    ), false);
    NEW.trained_by_id := (
        SELECT run.created_by_id FROM training_modelversion version
        JOIN training_trainingrun run ON run.id = version.run_id WHERE version.id = NEW.version_id
    );
    IF NOT EXISTS (
        SELECT FROM training_evaluationreport report
        JOIN training_modelversion version ON version.id = report.version_id
        WHERE report.id = NEW.report_id AND version.id = NEW.version_id
            AND version.bot_id = NEW.bot_id AND report.sha256 = NEW.report_sha256
            AND version.sha256 = NEW.artifact_sha256
            AND (report.passes OR NEW.verdict <> 'promote' OR NEW.override_reason <> '')
    ) THEN
        RAISE EXCEPTION 'A decision binds to the hashes of its report and artifact.'
            USING ERRCODE = 'check_violation',
                CONSTRAINT = 'decision_binds_to_report_and_artifact';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER decision_binds BEFORE INSERT ON training_decision
    FOR EACH ROW EXECUTE FUNCTION training_decision_binds();

CREATE FUNCTION training_deployment_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.until IS NULL AND to_jsonb(NEW) - 'until' = to_jsonb(OLD) - 'until' THEN
            RETURN NEW;
        END IF;
    ELSIF NEW.decision_id IS NULL THEN
        IF EXISTS (
            SELECT FROM training_deployment
            WHERE bot_id = NEW.bot_id AND champion_id = NEW.champion_id AND until IS NOT NULL
        ) THEN
            RETURN NEW;
        END IF;
    ELSIF EXISTS (
        SELECT FROM training_decision WHERE id = NEW.decision_id AND verdict = 'promote'
            AND version_id = NEW.champion_id AND bot_id = NEW.bot_id
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'What is live was promoted, or was live before. Only its end is written later.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'deployment_follows_a_decision';
END $$;
CREATE TRIGGER deployment_follows BEFORE INSERT OR UPDATE ON training_deployment
    FOR EACH ROW EXECUTE FUNCTION training_deployment_follows();
"""

BACKWARD = """
DROP TRIGGER deployment_follows ON training_deployment;
DROP TRIGGER decision_binds ON training_decision;
DROP TRIGGER decision_is_never_edited ON training_decision;
DROP TRIGGER report_is_never_edited ON training_evaluationreport;
DROP FUNCTION training_deployment_follows();
DROP FUNCTION training_decision_binds();
DROP FUNCTION training_is_never_edited();
ALTER TABLE training_evaluationreport DROP CONSTRAINT report_hash_is_that_of_its_content;
"""


class Migration(migrations.Migration):
    dependencies = [("training", "0003_reports_and_decisions")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
