"""Made-up people with numbers that pass every checksum and belong to nobody."""

from random import Random

from experiments.privacy.personal_patterns import id_check_digit

GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚"
FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高"


def id_card(random: Random) -> str:
    """An identity number of the new form."""
    body = f"{random.choice(['110101', '320102', '440305'])}{random.randint(1950, 2004)}"
    body += f"{random.randint(1, 12):02d}{random.randint(1, 28):02d}{random.randint(0, 999):03d}"
    return body + id_check_digit(body)


def old_id_card(random: Random) -> str:
    """An identity number of the old form."""
    new = id_card(random)
    return new[:6] + new[8:17]


def mobile(random: Random) -> str:
    """A mobile number."""
    return f"1{random.choice('3578')}{random.randint(0, 999_999_999):09d}"


def bank_card(random: Random, digits: int = 19) -> str:
    """A card number that passes Luhn's check."""
    body = "622202" + "".join(random.choice("0123456789") for _ in range(digits - 7))
    total = sum(
        2 * int(digit) - 9 * (int(digit) > 4) if place % 2 == 0 else int(digit)
        for place, digit in enumerate(reversed(body))
    )
    return body + str(-total % 10)


def email(random: Random) -> str:
    """An e-mail address."""
    return f"{random.choice(['li', 'wang', 'chen'])}.{random.randint(1, 99_999)}@example.com"


def name(random: Random) -> str:
    """A Chinese name of two or three characters."""
    return random.choice(FAMILY) + "".join(random.choice(GIVEN) for _ in range(random.choice([1, 2, 2])))


def address(random: Random) -> str:
    """A postal address."""
    street = random.choice(["文三路", "中山北路", "建设大道"])
    return f"浙江省杭州市西湖区{street}{random.randint(1, 999)}号{random.randint(1, 30)}栋{random.randint(1, 9)}单元"
