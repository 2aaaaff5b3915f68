from conftest import eventually
async def test_a(start):
    async with start() as running:
        print(await running.deliver({"id":"1","score":3,"comment":"hello"}))
        await eventually(lambda: running.workspace.messages("#nps"))
        print(running.workspace.messages("#nps"))
        async with running.http.get(running.url+"/readyz") as a: print(a.status, await a.text())
