"""Who sends events, and all that is needed to take theirs in, read in one statement."""

from dataclasses import dataclass, field

from accounts.models import Bot
from accounts.pipelining import rows
from accounts.pseudonyms import opened, salt_of
from accounts.webhook_secrets import opened_secret
from ingest.models import IntakeSettings
from ingest.preparing import Keeper
from ingest.redacting import compile_patterns

# Written by hand because every event needs it: through the ORM it is three statements, whose
# making costs more than running them.
SENDER = """
SELECT bot.id, bot.sealed_salt, intake.own_ids, intake.audit_percent, intake.audit_percent_now,
    ARRAY(
        SELECT sealed FROM accounts_webhooksecret
        WHERE bot_id = bot.id AND revoked_at IS NULL ORDER BY created_at DESC, id DESC
    )
FROM accounts_bot AS bot LEFT JOIN ingest_intakesettings AS intake ON intake.bot_id = bot.id
WHERE bot.slug = %s
"""


@dataclass(frozen=True)
class Sender:
    """A bot, the secrets that it may sign with now, and what its events are prepared with."""

    keeper: Keeper
    secrets: list[bytes] = field(repr=False)


def sender_called(slug: str) -> Sender | None:
    found = rows(SENDER, [slug])
    if not found:
        return None
    (row,) = found
    *of_keeper, sealed = row
    return Sender(live_keeper(*of_keeper), [opened_secret(each) for each in sealed])


def live_keeper(
    bot_id: int,
    sealed_salt: str,
    own_ids: list[str],
    percent: float | None,
    percent_now: float | None,
) -> Keeper:
    """What is prepared with it comes from a bot at work, as events that are signed do.

    `percent` is None where the bot has no settings.
    """
    settings = IntakeSettings() if percent is None else _settings(own_ids, percent, percent_now)
    salt = opened(sealed_salt) if sealed_salt else salt_of(Bot.objects.get(pk=bot_id))
    return _keeper(bot_id, salt, settings)


def keeper_of(bot: Bot) -> Keeper:
    """The same for events that nobody signed: from a file, or made here.

    A share that was raised because there is little traffic is not for them: an archive read
    into a new bot would lose half of what it could learn.
    """
    settings = settings_of(bot)
    settings.audit_percent_now = None
    return _keeper(bot.pk, salt_of(bot), settings)


def settings_of(bot: Bot) -> IntakeSettings:
    """The stored settings, or the defaults."""
    return IntakeSettings.objects.filter(bot=bot).first() or IntakeSettings(bot=bot)


def _settings(own_ids: list[str], percent: float, percent_now: float | None) -> IntakeSettings:
    return IntakeSettings(own_ids=own_ids, audit_percent=percent, audit_percent_now=percent_now)


def _keeper(bot_id: int, salt: bytes, settings: IntakeSettings) -> Keeper:
    own_ids = compile_patterns(settings.own_ids) if settings.own_ids else ()
    return Keeper(bot_id, salt=salt, own_ids=own_ids, audit_share=settings.audit_share)
