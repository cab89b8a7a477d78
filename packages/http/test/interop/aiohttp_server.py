"""What the client is tested against: aiohttp's server, on a free port that it prints."""

import asyncio
import gzip

from aiohttp import web


async def echo(request):
    body = await request.read()
    return web.json_response(
        {
            "method": request.method,
            "path": request.path_qs,
            "body": body.decode("latin-1"),
            "type": request.headers.get("content-type", ""),
            "cookies": dict(request.cookies),
            "version": list(request.version),
        }
    )


async def multipart(request):
    parts = {}
    async for part in await request.multipart():
        parts[part.name] = [part.filename, (await part.read()).decode()]
    return web.json_response(parts)


async def login(request):
    answer = web.HTTPFound("/echo")
    answer.set_cookie("token", "t0")
    raise answer


async def compressed(request):
    response = web.Response(text="compressed " * 1000)
    response.enable_compression()
    return response


async def raw_gzip(request):
    return web.Response(body=gzip.compress(b"raw"), headers={"content-encoding": "gzip"})


async def lines(request):
    response = web.StreamResponse()
    await response.prepare(request)
    for number in range(100):
        await response.write(f'{{"n": {number}}}\n'.encode())
    await response.write_eof()
    return response


async def events(request):
    last = int(request.headers.get("last-event-id", "0"))
    if last >= 3:
        return web.Response(status=204)
    response = web.StreamResponse(headers={"content-type": "text/event-stream"})
    await response.prepare(request)
    await response.write(f"retry: 1\nid: {last + 1}\ndata: event {last + 1}\n\n".encode())
    return response


async def hang(request):
    request.app["hanging"].set()
    try:
        await asyncio.sleep(3600)
    finally:
        request.app["gone"].set()


async def gone(request):
    return web.Response(text=str(request.app["hanging"].is_set()))


async def websocket(request):
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        if message.type == web.WSMsgType.TEXT:
            await socket.send_str(message.data.upper())
        elif message.type == web.WSMsgType.BINARY:
            await socket.send_bytes(message.data[::-1])
    return socket


async def main():
    app = web.Application()
    app["hanging"] = asyncio.Event()
    app["gone"] = asyncio.Event()
    app.router.add_route("*", "/echo", echo)
    app.router.add_post("/multipart", multipart)
    app.router.add_get("/login", login)
    app.router.add_get("/compressed", compressed)
    app.router.add_get("/gzip", raw_gzip)
    app.router.add_get("/lines", lines)
    app.router.add_get("/events", events)
    app.router.add_get("/hang", hang)
    app.router.add_get("/gone", gone)
    app.router.add_get("/ws", websocket)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
