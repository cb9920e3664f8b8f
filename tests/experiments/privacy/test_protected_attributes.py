"""Columns that hold what a person may not be judged by are found by name and by value, and nothing else is."""

import pandas as pd
import pytest

from experiments.ingest.reading import ingest_files
from experiments.privacy.protected_attributes import protected_attribute, protected_columns_of


@pytest.mark.parametrize(
    ("name", "attribute"),
    [
        ("性别", "sex"), ("SEX", "sex"), ("CODE_GENDER", "sex"), ("is_male", "sex"), ("sexCode", "sex"),
        ("personal_status_and_sex", "sex"), ("client_sex_mode_90d", "sex"), ("客户表_性别_last", "sex"),
        ("年龄", "age"), ("age_in_years", "age"), ("AgeBand", "age"), ("DAYS_BIRTH", "age"), ("cardholder_age", "age"),
        ("贷款人年龄", "age"), ("account_holder_age", "age"), ("民族", "ethnicity"), ("race", "ethnicity"),
        ("婚姻状况", "marriage"), ("是否已婚", "marriage"), ("NAME_FAMILY_STATUS", "marriage"),
        ("宗教信仰", "religion"), ("Religion", "religion"), ("所在地区", "origin"), ("籍贯", "origin"),
        ("户口类型", "origin"), ("region_code", "origin"), ("国籍", "nationality"), ("foreign_worker", "nationality"),
        ("是否残疾", "health"), ("disability_flag", "health"), ("is_pregnant", "health"), ("政治面貌", "politics"),
    ],
)  # fmt: skip
def test_a_name_tells_what_a_column_holds_in_chinese_and_english(name, attribute):
    assert protected_attribute([name]) == attribute


@pytest.mark.parametrize(
    "name",
    [
        "account_age", "credit_age", "账龄", "车龄", "房龄", "average_balance", "package", "page_views", "mortgage",
        "usage", "percentage", "stage", "coverage", "grace_period", "trace", "wage", "agency", "Sales Region",
        "网点所在地区", "foreign_tx_amt", "middlesex", "embrace", "origination_date", "人民币余额", "民生银行余额",
        "state", "marketing_cost", "pageviews", "AGENT_ID", "loan_age_months",
    ],
)  # fmt: skip
def test_a_name_that_only_sounds_like_it_tells_nothing(name):
    assert protected_attribute([name]) is None


@pytest.mark.parametrize(
    ("values", "attribute"),
    [
        (["男", "女", None], "sex"), (["F", "M", "XNA"], "sex"), (["married", "single", "unknown"], "marriage"),
        (["已婚", "未婚", "离异", "丧偶"], "marriage"), (["汉族", "回族"], "ethnicity"), (["佛教", "无"], "religion"),
        (["M", "L"], None), (["single", "double"], None), (["是", "否"], None), ([1, 2], None), (["男"], None),
        (["black", "red", "white"], None), (["无", "其他"], None),
    ],
)  # fmt: skip
def test_values_tell_it_where_the_name_does_not(values, attribute):
    assert protected_attribute(["x7"], values) == attribute


def test_a_name_in_the_dictionary_tells_it_too():
    assert protected_attribute(["X2", "Sex of the borrower", "借款人性别"]) == "sex"


def test_the_columns_of_a_file_are_found_by_name_and_by_value(tmp_path):
    rows = pd.DataFrame({"客户年龄": range(40), "x1": ["男", "女"] * 20, "余额": range(40), "账龄": range(40)})
    rows.to_csv(tmp_path / "rows.csv", index=False)
    ingest_files([(tmp_path / "rows.csv", "rows.csv")], tmp_path / "rows.parquet")

    assert protected_columns_of(tmp_path / "rows.parquet") == {"客户年龄": "age", "x1": "sex"}
