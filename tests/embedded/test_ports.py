import socket

import pytest

from exchange.embedded.errors import StartRefused
from exchange.embedded.ports import listening_socket, make_sure_port_is_free, port_number


def test_port_in_use_is_told_with_its_number_and_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartRefused, match=rf"Le port {port} est déjà utilisé.*ENTRAIDE_MAIL_PORT"):
            make_sure_port_is_free("127.0.0.1", port, "ENTRAIDE_MAIL_PORT")
    make_sure_port_is_free("127.0.0.1", port, "ENTRAIDE_MAIL_PORT")


def test_address_of_another_machine_is_told_in_one_sentence() -> None:
    with pytest.raises(StartRefused, match=r"Impossible d’écouter à l’adresse 192\.0\.2\.1"):
        listening_socket("192.0.2.1", 8000)


@pytest.mark.parametrize("text", ["", "0", "65536", "-1", "http", "80 ", "8e3", "٨٠٠٠"])
def test_port_that_is_not_a_port_is_refused(text: str) -> None:
    with pytest.raises(StartRefused, match="ENTRAIDE_PORT doit être un numéro de port"):
        port_number(text, "ENTRAIDE_PORT")


def test_port_is_read() -> None:
    assert port_number("8080", "ENTRAIDE_PORT") == 8080
