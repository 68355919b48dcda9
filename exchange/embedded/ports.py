"""Ports of this machine: take one or say in one sentence why it cannot be had."""

import errno
import socket

from exchange.embedded.errors import StartRefused

LONGEST_QUEUE = 128


def listening_socket(host: str, port: int, variable: str = "ENTRAIDE_PORT") -> socket.socket:
    """A listening TCP socket; raises StartRefused naming the setting that would change it."""
    try:
        return socket.create_server((host, port), backlog=LONGEST_QUEUE)
    except OSError as error:
        raise StartRefused(refusal(error, host, port, variable)) from error


def refusal(error: OSError, host: str, port: int, variable: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Le port {port} est déjà utilisé : arrêtez le programme qui l’occupe, "
            f"ou choisissez-en un autre avec {variable}."
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"Le port {port} demande des droits que ce compte n’a pas : choisissez-en un autre avec {variable}."
    return f"Impossible d’écouter à l’adresse {host}, port {port} : {error.strerror or error}."


def make_sure_port_is_free(host: str, port: int, variable: str) -> None:
    """Raises StartRefused when the port cannot be taken right now."""
    listening_socket(host, port, variable).close()


def port_number(text: str, variable: str) -> int:
    """The port that a setting names; raises StartRefused when it is not one."""
    if not text.isascii() or not text.isdecimal() or not 0 < int(text) < 65536:
        raise StartRefused(f"{variable} doit être un numéro de port entre 1 et 65535, et non « {text} ».")
    return int(text)
