"""`amends serve`: the whole service on this machine, until it is stopped."""

from typing import Annotated

import typer


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on; 0 takes any free one.", min=0, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(help="How many web processes.", min=1)] = 1,
    without_monitor: Annotated[
        bool, typer.Option("--without-monitor", help="Leave the monitor to an `amends monitor`.")
    ] = False,
) -> None:
    """Run the whole service on this machine: database, web, worker and monitor.

    What dies is started again. Ctrl-C or SIGTERM stops everything within ten seconds.
    """
    from amends.site import service

    try:
        address = service.free_address(host, port)
        service.serve(address, workers=workers, monitor=not without_monitor, say=typer.echo)
    except service.ServiceError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
