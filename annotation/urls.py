from annotation.intent_urls import intent_routes

app_name = "annotation"
urlpatterns = [*intent_routes]
