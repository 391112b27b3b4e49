import MasterCommand

await MasterMain.run()
