"""Who is logged in, and what they may see: asked by every request, so in one statement."""

from accounts.models import Bot, Membership, User
from accounts.pipelining import instance, rows

# Whoever changes what somebody sees changes Bot.objects.visible_to as well.
WHO = """
SELECT {user}, own.id, own.role, {bot}
FROM accounts_user AS who
LEFT JOIN (accounts_bot AS bot LEFT JOIN accounts_membership AS own
    ON own.bot_id = bot.id AND own.user_id = %(user)s)
    ON who.is_active AND (who.is_superuser OR own.id IS NOT NULL)
WHERE who.id = %(user)s
ORDER BY bot.name, bot.id
"""


def recognised(user_id: int) -> User | None:
    """The person of that number, with the bots that they may see and their memberships."""
    found = rows(STATEMENT, {"user": user_id})
    if not found:
        return None
    end = len(OF_USER)
    user = instance(User, OF_USER, found[0][:end])
    user.bots, user.membership_by_bot = [], {}
    for row in found:
        own, role, *of_bot = row[end:]
        if of_bot[0] is None:
            continue
        bot = instance(Bot, OF_BOT, of_bot)
        user.bots.append(bot)
        if own:
            user.membership_by_bot[bot.pk] = Membership(pk=own, bot=bot, user=user, role=role)
    return user


def _columns(model: type[User] | type[Bot]) -> tuple[str, ...]:
    return tuple(str(field.column) for field in model._meta.concrete_fields)


OF_USER, OF_BOT = _columns(User), _columns(Bot)
STATEMENT = WHO.format(
    user=", ".join(f"who.{name}" for name in OF_USER),
    bot=", ".join(f"bot.{name}" for name in OF_BOT),
)
