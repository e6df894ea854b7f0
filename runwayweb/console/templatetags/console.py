"""`{% doors as groups %}`: the console's navigation, as it stands on the page that is shown."""

from django import template

from runwayweb.console.navigation import groups_at

register = template.Library()


@register.simple_tag(takes_context=True)
def doors(context):
    return groups_at(context["request"].resolver_match.view_name)
