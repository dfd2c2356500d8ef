"""The console: static files of the package, and the page that loads them.

The page may run its own scripts and ask this node; nothing else. Styles that its components make
carry a nonce that each answer has anew, so that no other style counts (CSP Level 3, 6.1).
"""

from __future__ import annotations

import secrets
from functools import cache
from mimetypes import guess_type
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from tongbao.kernel.codes import refuse
from tongbao.sdk.api_codes import GatewayCode

FOLDER = Path(__file__).parents[1] / "console"
"""Built from `console/` of the repository, and part of the package."""
NONCE = "nonce-of-this-answer"
"""The word in the built page that each answer replaces by its nonce."""
_FOR_EVER = "public, max-age=31536000, immutable"
router = APIRouter(include_in_schema=False)


def policy(nonce: str) -> str:
    """What the page may load."""
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}';"
        " img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self';"
        " manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )


@cache
def page() -> str | None:
    """The built page; None where the package was built without it."""
    file = FOLDER / "index.html"
    return file.read_text("utf-8") if file.is_file() else None


@router.get("/console")
async def begin() -> Response:
    """Lead to the page: its addresses are below it."""
    return RedirectResponse("/console/", 308)


@router.get("/console/assets/{name}")
async def asset(name: str) -> Response:
    """A file of the build. Its name has a digest of its content: it never changes."""
    file = FOLDER / "assets" / name
    if "/" in name or name.startswith(".") or not file.is_file():
        refuse(GatewayCode.NOT_FOUND, kind="file", id=name[:80])
    kind = guess_type(name)[0] or "application/octet-stream"
    return FileResponse(file, media_type=kind, headers={"cache-control": _FOR_EVER})


@router.get("/console/{path:path}")
async def console(path: str) -> Response:
    """The page, whatever its address: it finds out itself what is to be shown."""
    text = page()
    if text is None or path.startswith("assets/"):
        refuse(GatewayCode.NOT_FOUND, kind="file", id=path[:80] or "console")
    nonce = secrets.token_urlsafe(18)
    headers = {"content-security-policy": policy(nonce), "cache-control": "no-store"}
    return HTMLResponse(text.replace(NONCE, nonce), headers=headers)
