from django.urls import path, register_converter
from django.urls.converters import StringConverter

from projects.views import (
    comebacks,
    edits,
    finishes,
    generations,
    home,
    inputs,
    projects,
    pursuits,
    works,
    world,
)

app_name = "projects"


class RoomConverter(StringConverter):
    regex = "|".join(works.ROOMS)


register_converter(RoomConverter, "room")

urlpatterns = [
    path("", home.home, name="home"),
    path("studio/status/", home.studio_status, name="studio-status"),
    path("studio/abilities/", home.abilities, name="abilities"),
    path("projects/", projects.project_list, name="project-list"),
    path("projects/new/", projects.project_new, name="project-new"),
    path("projects/sample/", projects.sample, name="sample"),
    path("projects/<uuid:id>/", projects.project, name="project"),
    path("projects/<uuid:id>/name/", projects.project_name, name="project-name"),
    path("projects/<uuid:id>/copy/", projects.copy, name="project-copy"),
    path("projects/<uuid:id>/archive/", projects.archive, name="project-archive"),
    path("projects/<uuid:id>/deletion/", projects.deletion, name="project-deletion"),
    path("projects/<uuid:id>/restoration/", projects.restoration, name="project-restoration"),
    path("projects/<uuid:id>/generations/", generations.generation_new, name="generation-new"),
    path("projects/<uuid:id>/world/", world.world, name="world"),
    path("projects/<uuid:id>/world/new/", world.entity_new, name="entity-new"),
    path("projects/<uuid:id>/world/order/", world.entity_order, name="entity-order"),
    path("entities/<uuid:id>/", world.entity, name="entity"),
    path("entities/<uuid:id>/deletion/", world.entity_deletion, name="entity-deletion"),
    path("entities/<uuid:id>/restoration/", world.entity_restoration, name="entity-restoration"),
    path("entities/<uuid:id>/sheet/", world.sheet, name="entity-sheet"),
    path("entities/<uuid:id>/sheet/drawing/", world.sheet_drawing, name="entity-sheet-drawing"),
    path("entities/<uuid:id>/sheet/order/", world.view_order, name="entity-view-order"),
    path("entities/<uuid:id>/sheet/choice/", world.view_choice, name="entity-view-choice"),
    path("entities/<uuid:id>/sheet/<int:view>/label/", world.view_label, name="entity-view-label"),
    path("entities/<uuid:id>/sheet/<int:view>/deletion/", world.view_deletion, name="entity-view-deletion"),
    path("entities/<uuid:id>/renewal/", world.renewal, name="entity-renewal"),
    path("entities/<uuid:id>/line/", world.line, name="entity-line"),
    path("entities/<uuid:id>/line/<uuid:generation>/", world.spoken_line, name="entity-spoken-line"),
    path("takes/<uuid:id>/scores/", pursuits.scores, name="take-scores"),
    path("takes/<uuid:id>/pursuit/", pursuits.pursuit_new, name="take-pursuit"),
    path("pursuits/<uuid:id>/cancellation/", pursuits.cancellation, name="pursuit-cancellation"),
    path("projects/<uuid:id>/pictures/<str:name>/", inputs.picture_new, name="picture-new"),
    path("projects/<uuid:id>/sound/", works.work, {"room": "sound"}, name="sound"),
    path("projects/<uuid:id>/footage/", works.work, {"room": "footage"}, name="footage"),
    path("projects/<uuid:id>/<room:room>/new/", works.work_new, name="work-new"),
    path("projects/<uuid:id>/<room:room>/quote/", works.work_quote, name="work-quote"),
    path("projects/<uuid:id>/feed/", generations.feed, name="feed"),
    path("projects/<uuid:id>/quote/", generations.quote, name="quote"),
    path("projects/<uuid:id>/comeback/", comebacks.comeback, name="comeback"),
    path("projects/<uuid:id>/comeback/taken/", comebacks.comeback_taken, name="comeback-taken"),
    path("generations/<uuid:id>/", generations.generation, name="generation"),
    path("generations/<uuid:id>/cancellation/", generations.cancellation, name="generation-cancellation"),
    path("generations/<uuid:id>/deletion/", generations.deletion, name="generation-deletion"),
    path("generations/<uuid:id>/restoration/", generations.restoration, name="generation-restoration"),
    path("generations/<uuid:id>/retry/", generations.retry, name="generation-retry"),
    path("generations/<uuid:id>/continuation/", inputs.continuation, name="generation-continuation"),
    path("generations/<uuid:id>/lead-up/", inputs.lead_up, name="generation-lead-up"),
    path("generations/<uuid:id>/reference/", inputs.reference, name="generation-reference"),
    path("generations/<uuid:id>/cast/<int:number>/reference/", inputs.cast_reference, name="generation-cast-reference"),
    path("generations/<uuid:id>/edit/", edits.edit, name="generation-edit"),
    path("generations/<uuid:id>/widening/", edits.widen, name="generation-widening"),
    path("generations/<uuid:id>/finish/<str:task>/", finishes.finish, name="generation-finish"),
    path("generations/<uuid:id>/share/", generations.share, name="generation-share"),
    path("generations/<uuid:id>/preview/", generations.preview, name="generation-preview"),
]
