"""Setting up a second factor and logging in with it, every state looked at on the way."""

import pytest
from django.utils import timezone

from accounts.models import Authenticator
from tests.accounts.codes import code_of, wrong_code_of
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


class Looker:
    """Notes what is wrong with each state that it is shown."""

    def __init__(self, visitor, size):
        self._visitor, self._size = visitor, size
        self.problems = []

    def look(self, name):
        self.problems += self._visitor.faults(f"second-factor-{name}", [self._size])


def type_code(page, code, *, label="Code"):
    page.get_by_label(label, exact=True).fill(code)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("size", [(1440, "light"), (390, "dark")])
def test_an_admin_is_made_to_set_it_up_and_logs_in_with_it(visit, operator, bot, settings, size):
    settings.ADMINS_NEED_SECOND_FACTOR = True
    visitor = visit(width=size[0], theme=size[1])
    page, looker = visitor.page, Looker(visitor, size)

    visitor.log_in(operator)
    looker.look("needed")
    page.get_by_role("button", name="Set it up").click()
    page.get_by_text("Type what the app shows").wait_for()
    looker.look("set-up")
    type_code(page, wrong_code_of(operator))
    page.get_by_text("This code is not right").wait_for()
    looker.look("wrong")
    Authenticator.objects.update(throttling_failure_count=0)
    type_code(page, code_of(operator))
    page.get_by_text("Keep these codes").wait_for()
    looker.look("recovery-codes")
    page.get_by_role("link", name="I have kept").click()
    visitor.go("/account/second-factor/")
    looker.look("on")

    page.context.clear_cookies()
    Authenticator.objects.update(last_t=-1)  # as if half a minute had gone by
    visitor.go("/login/?next=/jobs/")
    page.get_by_label("Username").fill(operator.username)
    type_code(page, PASSWORD, label="Password")
    page.wait_for_url("**/login/code/")
    looker.look("login")
    make_impatient(operator)
    type_code(page, "000000")
    page.get_by_text("Too many wrong").wait_for()
    looker.look("throttled")
    Authenticator.objects.update(throttling_failure_count=0)
    type_code(page, code_of(operator))
    page.wait_for_url("**/jobs/")

    assert looker.problems == []
    assert visitor.complaints == []


def make_impatient(user):
    """Leave six wrong codes behind."""
    Authenticator.objects.filter(user=user).update(
        throttling_failure_count=6, throttling_failure_timestamp=timezone.now()
    )
