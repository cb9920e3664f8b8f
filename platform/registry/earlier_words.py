"""Sentences that earlier releases stored with versions and comparisons: they are told in every language still."""

from django.utils.translation import gettext_noop

EARLIER_SENTENCES = (
    gettext_noop("All %(rows)s customers tried have a reason"),
    gettext_noop(
        "%(given)s of %(rows)s customers tried have a reason; no value of the other %(nothing)s raises their "
        "probability"
    ),
    gettext_noop(
        "%(given)s of %(rows)s customers tried have a reason; of %(masked)s a protected column weighs most, untold"
    ),
    gettext_noop(
        "%(acted_on_unheard)s of %(rows)s customers tried would be acted on without a reason that may be told: "
        "only protected columns speak"
    ),
    gettext_noop("AUC %(auc)s on rows set aside: no better than chance"),
    gettext_noop("KS %(ks)s on random rows: time was not tested"),
    gettext_noop("The model was not measured on rows set aside."),
    gettext_noop("Calibration was not measured on rows set aside."),
    gettext_noop("KS was not measured on training rows and on rows set aside."),
    gettext_noop("There are no deciles of the rows set aside."),
    gettext_noop("Slope %(slope)s, observed to expected %(ratio)s"),
    gettext_noop("PSI %(psi)s: chance alone gives up to %(limit)s in so few rows"),
    gettext_noop("%(columns)s columns were given a direction; it was not measured whether it is kept."),
    gettext_noop("No customer could be scored to try the reasons."),
    gettext_noop("%(person)s ran it again on %(day)s: the same model came out, hash %(hash)s."),
    gettext_noop("%(person)s ran it again on %(day)s: another model came out, hash %(hash)s."),
    gettext_noop("%(person)s ran it again on %(day)s: this model did not come out."),
    gettext_noop("Rows of the same table that both versions had set aside, with the scores of then."),
    gettext_noop("The rows set aside for v%(number)s, which v%(former)s has now scored as well."),
    gettext_noop("v%(former)s cannot score the rows set aside for v%(number)s:"),
    gettext_noop("%(count)s rows that v%(former)s may have learnt from were left out."),
    gettext_noop(
        "v%(number)s was made before the scores of rows set aside were kept, so it cannot be compared row by row. Run "
        "its experiment again to have them."
    ),
    gettext_noop(
        "There is no row that neither version has learnt from: each was tested on rows the other may have learnt from."
    ),
    gettext_noop(
        "A table of these two versions is gone, so nobody can tell which rows v%(former)s learnt from; nothing is "
        "compared."
    ),
)
