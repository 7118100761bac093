"""How an auditor reads what was answered."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib import admin as django_admin
from django.db import connection
from django.utils import timezone

from serving.models import Prediction

MANY = 3000


@pytest.fixture
def answered(bot):
    now = timezone.now()
    Prediction.objects.bulk_create(
        Prediction(
            id=uuid4(), bot=bot, conversation=uuid4(), conversation_name="c-1", digest=uuid4(),
            at=now, made_at=now - timedelta(minutes=number),
        )
        for number in range(MANY)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE serving_prediction")


def test_the_newest_predictions_are_found_by_their_index(answered):
    listed = django_admin.site.get_model_admin(Prediction)

    plan = Prediction.objects.order_by(*listed.ordering, "-pk")[:100].explain()

    assert "prediction_by_time" in plan
    assert "Seq Scan" not in plan
