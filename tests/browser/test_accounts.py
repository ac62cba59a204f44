"""From an invitation to a passkey, in the browser: what people do at the door."""

import time
from collections.abc import Callable
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

PASSWORD = "a long and quiet word"


def invited(page_as: Callable[..., Any], site: Any, email: str) -> str:
    """The link of a new invitation, as its owner copies it off the page."""
    page = page_as("owner")
    page.goto(f"{site.url}/o/ticket-office/")
    page.get_by_label("E-mail address").fill(email)
    page.locator("#id_role").select_option("analyst")
    page.get_by_role("button", name="Make the invitation").click()
    return str(page.get_by_label("Link").input_value())


def joined(page: Any, link: str, name: str) -> None:
    """Opens the link and makes an account."""
    page.goto(link)
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The password once more").fill(PASSWORD)
    page.get_by_role("button", name="Make my account and join").click()
    page.get_by_text("You are in Ticket office now").wait_for()


def confirmed(page: Any) -> None:
    """Types the password once more, as changes to how one signs in ask for it."""
    page.locator("#id_password").fill(PASSWORD)
    page.locator("main form button").first.click()


def signed_out(page: Any, site: Any) -> None:
    page.goto(f"{site.url}/accounts/logout/")
    page.locator("main form button").first.click()
    page.goto(f"{site.url}/")
    assert "/accounts/login/" in page.url


def virtual_authenticator(page: Any) -> Any:
    """A security key that the browser pretends to have, with a fingerprint that always fits."""
    driver = page.context.new_cdp_session(page)
    driver.send("WebAuthn.enable")
    driver.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return driver


def test_a_passkey_signs_in_without_a_password(site: Any, page_as: Callable[..., Any]) -> None:
    link = invited(page_as, site, "passkey@example.org")
    page = page_as("")
    virtual_authenticator(page)
    joined(page, link, "Pia")
    page.goto(f"{site.url}/accounts/2fa/webauthn/add/")
    confirmed(page)
    page.locator("#id_name").fill("my laptop")
    page.locator("#id_passwordless").check()
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url(lambda url: "/accounts/2fa/" in url and "/add/" not in url, wait_until="load")
    page.goto(f"{site.url}/accounts/2fa/webauthn/")
    page.get_by_text("my laptop").wait_for()
    signed_out(page, site)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{site.url}/")
    page.goto(f"{site.url}/profile/")
    assert page.get_by_label("Name", exact=True).input_value() == "Pia"


def test_an_authenticator_app_is_set_up_from_the_page(site: Any, page_as: Callable[..., Any]) -> None:
    link = invited(page_as, site, "app@example.org")
    page = page_as("", viewport={"width": 360, "height": 780})
    joined(page, link, "Abe")
    page.goto(f"{site.url}/accounts/2fa/totp/activate/")
    confirmed(page)
    picture = page.locator("main img")
    assert picture.evaluate("image => image.complete && image.naturalWidth > 0")
    secret = page.locator("main input[disabled], main input[readonly]").first.input_value()
    page.locator("#id_code").fill(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))
    page.locator("main form button").first.click()
    page.wait_for_url("**/accounts/2fa/recovery-codes/**")
    codes = page.locator("main textarea").input_value().split()
    assert len(codes) == 10
    signed_out(page, site)
    page.locator("#id_login").fill("app@example.org")
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.locator("#id_code").fill(codes[0])
    page.locator("main form button").first.click()
    page.wait_for_url(f"{site.url}/")


def test_the_link_of_an_invitation_is_copied(site: Any, page_as: Callable[..., Any]) -> None:
    page = page_as("owner", permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{site.url}/o/ticket-office/")
    page.get_by_label("E-mail address").fill("copied@example.org")
    page.get_by_role("button", name="Make the invitation").click()
    page.get_by_role("button", name="Copy").click()
    page.locator("#toasts").get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == page.get_by_label("Link").input_value()
