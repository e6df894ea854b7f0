"""What a media worker does for the console."""

from runwayweb.console.models import Survey


def survey(survey_id):
    """Look through the storage."""
    asked = Survey.objects.filter(pk=survey_id).first()
    if asked:
        asked.run()
