"""Marketing response: who answers an offer."""

import re

from experiments.errors import gettext_noop
from experiments.kinds.kind import Kind, KindWords

AFTER_AN_OFFER = (
    r"duration|call_?(length|seconds|time)|result|(?<![a-z])respon(se|ded)|spend$|disposition"
    r"|通话(时长|秒数)|接通后|回访|结果|(响应|触达|外呼)后"
)

RESPONSE = Kind(
    name="response",
    label=gettext_noop("Marketing response"),
    question=gettext_noop("Who will respond to an offer?"),
    ranking="lift",
    is_risk=False,
    target_name=re.compile(
        r"respon|answer|visit|click|open(ed)?$|subscri|accept|buy|响应|应答|点击|接听|参与", re.IGNORECASE
    ),
    after_outcome=re.compile(AFTER_AN_OFFER, re.IGNORECASE),
    longest_window=3,
    event_value_words=("responded", "响应"),
    words=KindWords(
        events=gettext_noop("Responders"),
        non_events=gettext_noop("Non-responders"),
        rate=gettext_noop("Response rate"),
        top=gettext_noop("Customers from high score to low"),
        top_short=gettext_noop("Customers contacted"),
        capture_sentence=gettext_noop(
            "The top-scoring %(share)s contain %(capture)s of the responders, %(lift)s times as many as a random "
            "selection."
        ),
        held_out_sentence=gettext_noop("%(of_100)s of 100 in the top %(share)s responded, %(lift)s times the average."),
        auc_sentence=gettext_noop("A responder is ranked above a non-responder %(percent)s of the time"),
        high_score=gettext_noop("more likely to respond"),
        of_100_such=gettext_noop("Of 100 such customers about %(count)s respond."),
        the_higher=gettext_noop("The higher, the more likely to respond"),
        the_lower=gettext_noop("The lower, the more likely to respond"),
        highest_for=gettext_noop("Most likely to respond at %(best)s, least at %(worst)s"),
        ranked_by=gettext_noop("how many of the %(share)s you can contact will respond"),
        reached=gettext_noop("Share of responders captured"),
        held_share=gettext_noop("Share of customers you can contact, %"),
        caution=gettext_noop("Response is not uplift."),
        caution_why=gettext_noop(
            "Without a control group a model can say who responds, not what contacting them adds."
        ),
        gain=gettext_noop("Value of one responder (¥)"),
    ),
)
