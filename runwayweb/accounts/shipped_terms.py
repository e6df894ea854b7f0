"""The terms and the privacy notice of a studio whose operator wrote none. Short, and no lawyer's: replace them."""

from django.utils.translation import get_language

from runwayweb.accounts import shipped_terms_french as french

TERMS = """\
# Using this studio
You may make films here, alone or with others, and do with them what you like. What you make belongs to you as \
far as the law gives it to anybody; what you bring in has to be yours to use.

# What may not be made
- What breaks the law, or helps somebody to.
- Likenesses and voices of real people without their consent, and anything made to deceive.
- Sexual content that shows minors, in any form.
- Hatred, threats, and calls to violence.

Words and pictures may be checked, and blocked. Whoever thinks that this was wrong can say so on the clip.

# Credits
What a clip costs is said before it is made. You pay only for what was made; what failed or was cancelled costs \
nothing, unless this studio says otherwise beside the price.

# When something is wrong
Whoever runs this studio may take down what breaks these terms, and suspend who breaks them, with the reason. \
Nothing is deleted by that, and you can answer.

# No warranty
The studio is offered as it is. It may be changed or be away; what you made can be downloaded, and all of it \
exported, at any time.
"""

PRIVACY = """\
# What is kept
- Your address, the name you give, your language and time zone.
- What you bring in and what you make, until you delete it.
- When and from where you signed in, and what was done in your workspaces.
- Credits and payments, for as long as the law asks for. Cards are seen by the payment service alone.

# What for
To make your films and to show them to whom you choose, to keep accounts of credits, and to keep the studio \
safe. Nothing is sold, and nothing of yours trains a model here.

# Who sees it
Whoever is in your workspace, and whoever has a link you made. Whoever runs this studio may look where you ask \
for help, where something was reported or blocked, or where the law demands it; the log of your workspace says \
so.

# Your rights
Your data can be downloaded and your account deleted in the settings, under Account. Ask whoever runs this \
studio for anything else.

# Cookies
One for your sign-in, one for forms, one for your language, one for a sentence that the next page shows, and one by \
which the accounts made in this browser in a day are counted. No others, and no trackers.
"""

TEXTS = {"terms": TERMS, "privacy": PRIVACY}
IN_FRENCH = {TERMS: french.TERMS, PRIVACY: french.PRIVACY}


def in_the_language_of_the_page(text):
    """A text that ships, as whoever reads the page does; any other as its operator wrote it."""
    return IN_FRENCH.get(text, text) if (get_language() or "").startswith("fr") else text
