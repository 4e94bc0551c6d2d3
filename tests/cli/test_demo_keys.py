"""The demonstration's key file: nobody else's business, and never half written."""

import stat
from pathlib import Path

from wallet_chain.cli.demo_keys import FILE_NAME, DemoCustomer, DemoKeys


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    keys = DemoKeys.load(tmp_path)
    assert not keys.complete
    keys.staff["auditor"] = "wck_a"
    keys.customers["anna"] = DemoCustomer("cus_1", "0xA", "wck_b")
    keys.complete = True
    keys.save()
    assert DemoKeys.load(tmp_path) == keys


def test_a_key_is_found_by_role_and_by_name(tmp_path: Path) -> None:
    keys = DemoKeys.load(tmp_path)
    keys.staff["auditor"] = "wck_a"
    keys.customers["anna"] = DemoCustomer("cus_1", api_key="wck_b")
    assert keys.api_key_of("auditor") == "wck_a"
    assert keys.api_key_of("anna") == "wck_b"
    assert keys.api_key_of("nobody") is None


def test_only_the_owner_may_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_text('{"customers": {}}', "utf-8")
    path.chmod(0o644)
    DemoKeys.load(tmp_path).save()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == [FILE_NAME]
