"""`/download/TOKEN`: a document by its link, without login. Drawn at once if the job has not yet (F9)."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, Response, abort, send_file

from billing.errors import KontorError
from hosted_pages.errors import not_yet
from services import files, paper_links, papers

blueprint = Blueprint("download", __name__)


@blueprint.get("/download/<token>")
def paper(token: str) -> Response:
    """The stored bytes; 404 alike for an unknown and a revoked link, 503 while it cannot be drawn."""
    found = paper_links.find_by_token(token)
    if found is None:
        abort(404)
    try:
        stored = files.read(found.file_id or papers.draw(found.id))
    except KontorError:
        return not_yet()
    return _private(stored)


def _private(stored: files.Stored) -> Response:
    """Neither kept by a cache nor told to the next page (S27); shown or saved under the document's number."""
    response = send_file(BytesIO(stored.content), stored.media_type, download_name=stored.filename, etag=False)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
