"""Sentences that earlier releases stored with data checks: they are told in every language still."""

from django.utils.translation import gettext_noop

EARLIER_SENTENCES = (
    gettext_noop("%(columns)s holds personal data. It is hashed or masked, and no model learns from it."),
    gettext_noop(
        "%(columns)s: by name or values a protected attribute, so never a customer's reason. Confirm it, or say "
        "that it is none. Whether a model may use it is decided on the plan."
    ),
    gettext_noop(
        "%(count)s columns hold personal data: %(columns)s. They are hashed or masked, and no model learns from them."
    ),
    gettext_noop("%(events)s events are enough to learn from."),
    gettext_noop(
        "%(months)s months (%(rows)s rows) are left out: on %(until)s their window was not closed, so nobody "
        "knows yet who will have the event. They are not counted as good."
    ),
    gettext_noop(
        "%(share)s %% of the rows are neither good nor bad and stay out of training. Above 15 %% the model is "
        "learnt on clearer customers than it will meet: think about the bounds."
    ),
    gettext_noop("It holds personal data, which no model learns from."),
    gettext_noop("No column holds a protected attribute such as sex, age or origin."),
    gettext_noop(
        "Only %(events)s events: below 300 a model is mostly luck. Expect wide intervals, keep to few columns "
        "and to the scorecard, and gather more before anything important rests on it."
    ),
    gettext_noop("Protected attributes: %(columns)s. They are never a customer's reason."),
    gettext_noop("The dictionary protects %(column)s, so no model learns from it. Change the dictionary if it should."),
    gettext_noop("The window of every month was closed on %(until)s."),
)
