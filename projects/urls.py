from django.urls import path, register_converter
from django.urls.converters import StringConverter

from projects.views import edits, finishes, generations, home, inputs, library, projects, recipes, works

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
    path("projects/<uuid:id>/", projects.project, name="project"),
    path("projects/<uuid:id>/name/", projects.project_name, name="project-name"),
    path("projects/<uuid:id>/copy/", projects.copy, name="project-copy"),
    path("projects/<uuid:id>/archive/", projects.archive, name="project-archive"),
    path("projects/<uuid:id>/deletion/", projects.deletion, name="project-deletion"),
    path("projects/<uuid:id>/restoration/", projects.restoration, name="project-restoration"),
    path("projects/<uuid:id>/generations/", generations.generation_new, name="generation-new"),
    path("projects/<uuid:id>/pictures/<str:name>/", inputs.picture_new, name="picture-new"),
    path("projects/<uuid:id>/sound/", works.work, {"room": "sound"}, name="sound"),
    path("projects/<uuid:id>/footage/", works.work, {"room": "footage"}, name="footage"),
    path("projects/<uuid:id>/<room:room>/new/", works.work_new, name="work-new"),
    path("projects/<uuid:id>/<room:room>/quote/", works.work_quote, name="work-quote"),
    path("projects/<uuid:id>/feed/", generations.feed, name="feed"),
    path("projects/<uuid:id>/quote/", generations.quote, name="quote"),
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
    path("library/", library.library, name="library"),
    path("library/selection/", library.selection, name="library-selection"),
    path("library/selection/archive/", library.archived, name="library-archive"),
    path("library/undo/", library.undo, name="library-undo"),
    path("library/folders/", library.folder_new, name="folder-new"),
    path("library/folders/<uuid:id>/name/", library.folder_name, name="folder-name"),
    path("library/folders/<uuid:id>/parent/", library.folder_parent, name="folder-parent"),
    path("library/folders/<uuid:id>/deletion/", library.folder_deletion, name="folder-deletion"),
    path("library/recipe/", recipes.recipe, name="recipe"),
    path("library/recipe/use/", recipes.use, name="recipe-use"),
    path("library/<uuid:id>/", library.asset, name="library-asset"),
    path("library/<uuid:id>/name/", library.name, name="library-name"),
    path("library/<uuid:id>/tags/", library.tags, name="library-tags"),
    path("library/<uuid:id>/favourite/", library.favourite, name="library-favourite"),
]
