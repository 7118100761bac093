"""What somebody's phone shows, and people who have set one up."""

from django_otp.oath import totp

from accounts import second_factors
from accounts.models import Authenticator


def code_of(user, *, later=0):
    """The six digits that the app of `user` shows, `later` times half a minute from now."""
    key = Authenticator.objects.of(user).get().bin_key
    return f"{totp(key, drift=later):06}"


def wrong_code_of(user):
    """Six digits that are not right around now."""
    near = {code_of(user, later=step) for step in range(-3, 4)}
    return next(code for number in range(10) if (code := f"{number:06}") not in near)


def set_up(user):
    """Turn the second factor of `user` on; return the recovery codes."""
    second_factors.start(user)
    made = second_factors.confirm(user, code=code_of(user))
    # The code of this half minute counts as used; tests want to type it.
    Authenticator.objects.of(user).update(last_t=-1)
    return made.codes
