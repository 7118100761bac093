"""Where replays are shown. They are begun at a terminal: ./loop replay FILE --bot B."""

from django.urls import path

from replay import views

app_name = "replay"
urlpatterns = [
    path("replays/", views.replay_list, name="list"),
    path("replays/<int:replay_id>/", views.detail, name="detail"),
    path("replays/<int:replay_id>/card/", views.card, name="card"),
]
