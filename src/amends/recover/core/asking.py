"""The letter that asks a customer for what we need to go on."""

from amends.kernel.text import language_of


def asking(
    *, name: str, company_en: str, company_zh: str, needed: str, link: str, case: str, locale: str
) -> tuple[str, str]:
    """Subject and body in the customer's language, around the words in which somebody said what is needed."""
    if language_of(locale) == "zh":
        subject = "需要您补充信息"
        body = (
            f"{name}，您好：\n\n为继续处理您的问题，我们需要您的协助：\n\n{needed}\n\n请在这里回复：{link}\n"
            f"收到您的回复后，我们会立即继续处理。\n\n{company_zh}\n受理编号：{case}"
        )
    else:
        subject = "We need something from you"
        body = (
            f"Dear {name},\n\nTo go on, we need your help:\n\n{needed}\n\nPlease answer here: {link}\n"
            f"As soon as we hear from you, we go on.\n\n{company_en}\nYour case: {case}"
        )
    return subject, body
