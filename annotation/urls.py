from annotation.agreement_urls import agreement_routes
from annotation.group_urls import group_routes
from annotation.intent_urls import intent_routes
from annotation.review_urls import review_routes
from annotation.screen_urls import screen_routes

app_name = "annotation"
urlpatterns = [
    *intent_routes,
    *group_routes,
    *agreement_routes,
    *review_routes,
    *screen_routes,
]
