"""Marketing response: who answers an offer."""

import re

from experiments.errors import gettext_noop
from experiments.kinds.kind import Kind

AFTER_AN_OFFER = (
    r"duration|call_?(length|seconds|time)|result|(?<![a-z])respon(se|ded)|spend$|disposition"
    r"|通话(时长|秒数)|接通后|回访|结果|(响应|触达|外呼)后"
)

RESPONSE = Kind(
    name="response",
    label=gettext_noop("Marketing response"),
    ranking="lift",
    is_risk=False,
    target_name=re.compile(
        r"respon|answer|visit|click|open(ed)?$|subscri|accept|buy|响应|应答|点击|接听|参与", re.IGNORECASE
    ),
    after_outcome=re.compile(AFTER_AN_OFFER, re.IGNORECASE),
    longest_window=3,
    event_value_words=("responded", "响应"),
)
