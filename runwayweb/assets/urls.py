from django.urls import path

from runwayweb.assets import serve

app_name = "assets"

urlpatterns = [path("media/<uuid:id>/<str:name>", serve.file, name="file")]
