"""QR codes as pictures."""

import io

import segno

FORMATS = ("svg", "png")
_BORDER_MODULES = 4
"""The quiet zone that ISO/IEC 18004 asks for."""


def picture_of(payload: str, form: str, scale: int) -> bytes:
    """The code as ``svg`` or ``png``; ``scale`` is pixels a module. Error correction of level M."""
    code = segno.make_qr(payload, error="m", boost_error=False)
    drawn = io.BytesIO()
    if form == "svg":
        code.save(drawn, kind="svg", scale=scale, border=_BORDER_MODULES, xmldecl=False)
    else:
        code.save(drawn, kind="png", scale=scale, border=_BORDER_MODULES)
    return drawn.getvalue()
