// The bridge's one face: boards on a serial line become MQTT devices (F9).
export {};
