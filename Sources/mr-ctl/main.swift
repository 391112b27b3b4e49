import ControlCommand

await ControlMain.run()
