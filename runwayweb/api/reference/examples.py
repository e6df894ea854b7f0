"""An example of each call, from which the reference makes Python, JavaScript and curl. The tests run them all.

`client`: the method of Runway's clients that makes the call, by its name in Python; without one the call is ours alone,
and is made by the client's plain `get`, `post` … `path`, `query`, `body`: what it is given, as JSON. `stream`: the
answer comes line by line. `verbatim`: fields of ours, which Runway's clients pass on as they are.
"""

PICTURE = "https://example.com/fox.png"
CLIP = "https://example.com/fox.mp4"
VOICE = "3d2c1b0a-9f8e-4d7c-8b6a-5f4e3d2c1b0a"
SOUND = "https://example.com/fox.wav"
TASK = "17f20503-6c24-4c16-946b-35dbbce2af2f"
ROUTER = "house-rules"
PROJECT = "5a1f0c52-7a3e-4a53-8d3a-3f0f5d1f7f10"
SCENE = "8d0f2c3b-13f5-4a0f-9d58-0c1b2a6f4e21"
SHOT = "c2b7a9d4-6e1f-4f6b-a0b5-7b8c9d0e1f32"
TAKE = "e4d3c2b1-9a8b-4c7d-8e6f-5a4b3c2d1e43"
WORKFLOW = "0b9a8c7d-5e4f-4a3b-9c2d-1e0f9a8b7c6d"
RUN = "1c8b7a6d-4f5e-4b3a-8d2c-2f1e0a9b8c7d"
WORDS = {"words": {"text": {"type": "primitive", "value": "A white rabbit crosses a meadow"}}}
GRAPH = {
    "version": 1,
    "nodes": [
        {"id": "words", "kind": "text", "params": {"value": "A red fox waits in a snowy forest"}},
        {"id": "clip", "kind": "text_to_video", "params": {"length": 2, "seed": 7}},
        {"id": "heard", "kind": "video_to_sound"},
        {"id": "out", "kind": "output"},
    ],
    "edges": [
        {"from": {"node": "words", "output": "text"}, "to": {"node": "clip", "input": "prompt"}},
        {"from": {"node": "clip", "output": "video"}, "to": {"node": "heard", "input": "clip"}},
        {"from": {"node": "heard", "output": "video"}, "to": {"node": "out", "input": "value"}},
    ],
}
ASSET = "29b8a7f6-e5d4-4c3b-8a2e-1f0a9b8c7d6e"
EXPORT = "f6e5d4c3-2b1a-4d0e-9f8a-7b6c5d4e3f54"
WEBHOOK = "07f6e5d4-c3b2-4a1d-8e0f-9a8b7c6d5e4f"
DELIVERY = "18a7f6e5-d4c3-4b2a-9d1e-0f9a8b7c6d5e"

EXAMPLES = {
    "text_to_video": {
        "client": "text_to_video.create",
        "body": {
            "model": "gen4.5",
            "promptText": "A red fox waits in a snowy forest, the camera moves closer",
            "ratio": "1280:720",
            "duration": 4,
        },
    },
    "image_to_video": {
        "client": "image_to_video.create",
        "body": {
            "model": "gen4_turbo",
            "promptImage": PICTURE,
            "promptText": "The camera moves closer",
            "ratio": "1280:720",
            "duration": 4,
        },
    },
    "video_to_video": {
        "client": "video_to_video.create",
        "body": {"model": "aleph2", "videoUri": CLIP, "promptText": "A red fox waits in a desert"},
    },
    "character_performance": {
        "client": "character_performance.create",
        "body": {
            "model": "act_two",
            "character": {"type": "image", "uri": PICTURE},
            "reference": {"type": "video", "uri": CLIP},
            "ratio": "1280:720",
        },
    },
    "text_to_image": {
        "client": "text_to_image.create",
        "body": {
            "model": "gen4_image",
            "promptText": "@nana waits in a snowy forest",
            "ratio": "1920:1080",
            "referenceImages": [{"uri": PICTURE, "tag": "nana"}],
        },
    },
    "video_upscale": {
        "client": "video_upscale.create",
        "body": {"model": "magnific_video_upscaler_creative", "videoUri": CLIP, "resolution": "2k"},
    },
    "image_upscale": {
        "client": "image_upscale.create",
        "body": {"model": "magnific_precision_upscaler_v2", "imageUri": PICTURE, "scaleFactor": 2},
    },
    "quote": {
        "body": {
            "endpoint": "text_to_video",
            "model": "gen4.5",
            "promptText": "A red fox waits in a snowy forest",
            "ratio": "1280:720",
            "duration": 4,
        },
    },
    "create_upload": {"body": {"filename": "fox.png", "type": "ephemeral"}},
    "list_assets": {"query": {"type": "video", "limit": 20}},
    "get_asset": {"path": {"id": ASSET}},
    "create_asset": {"body": {"uri": PICTURE, "name": "A fox"}},
    "delete_asset": {"path": {"id": ASSET}},
    "list_tasks": {"query": {"limit": 20}},
    "get_task": {"client": "tasks.retrieve", "path": {"id": TASK}},
    "delete_task": {"client": "tasks.delete", "path": {"id": TASK}},
    "follow_task": {"path": {"id": TASK}, "stream": True},
    "create_router": {
        "client": "routers.create",
        "body": {
            "slug": ROUTER,
            "name": "House rules",
            "settings": {"optimizeFor": "cost", "maxCreditsPerGeneration": {"video": 40}},
        },
    },
    "list_routers": {"client": "routers.list", "query": {"limit": 20}},
    "get_router": {"client": "routers.retrieve", "path": {"id": ROUTER}},
    "update_router": {
        "client": "routers.update",
        "path": {"id": ROUTER},
        "body": {"settings": {"optimizeFor": "quality"}},
    },
    "delete_router": {"client": "routers.delete", "path": {"id": ROUTER}},
    "list_requests": {"client": "routers.list_requests", "path": {"id": ROUTER}, "query": {"limit": 20}},
    "generate_video": {
        "client": "generate.video.create",
        "body": {
            "configId": ROUTER,
            "input": {"promptText": "A red fox waits in a snowy forest", "aspectRatio": "16:9", "duration": 4},
        },
    },
    "generate_image": {
        "client": "generate.image.create",
        "body": {
            "configId": ROUTER,
            "input": {"promptText": "A red fox in a snowy forest", "aspectRatio": "1:1", "resolution": "1k"},
        },
    },
    "generate_audio": {
        "client": "generate.audio.create",
        "body": {
            "configId": ROUTER,
            "input": {"type": "audio", "promptText": "Rain on a roof", "duration": 4},
        },
    },
    "organization": {"client": "organization.retrieve"},
    "organization_usage": {
        "client": "organization.retrieve_usage",
        "body": {"startDate": "2026-11-01", "beforeDate": "2026-12-01"},
    },
    "list_projects": {"query": {"limit": 20}},
    "create_project": {"body": {"name": "The Fox Who Waited"}},
    "get_project": {"path": {"id": PROJECT}},
    "rename_project": {"path": {"id": PROJECT}, "body": {"name": "The Fox Who Ran"}},
    "delete_project": {"path": {"id": PROJECT}},
    "list_scenes": {"path": {"id": PROJECT}},
    "create_scene": {"path": {"id": PROJECT}, "body": {"heading": "EXT. FOREST - NIGHT"}},
    "assemble_project": {"path": {"id": PROJECT}},
    "list_shots": {"path": {"id": PROJECT}},
    "create_shot": {
        "path": {"id": PROJECT},
        "body": {"sceneId": SCENE, "promptText": "A red fox waits in a snowy forest", "duration": 4},
    },
    "get_shot": {"path": {"id": SHOT}},
    "update_shot": {"path": {"id": SHOT}, "body": {"promptText": "A red fox runs through a snowy forest"}},
    "delete_shot": {"path": {"id": SHOT}},
    "list_takes": {"path": {"id": SHOT}},
    "create_takes": {"path": {"id": SHOT}, "body": {"count": 2}},
    "get_take": {"path": {"id": TAKE}},
    "rate_take": {"path": {"id": TAKE}, "body": {"rating": 4}},
    "choose_take": {"path": {"id": TAKE}},
    "list_exports": {"path": {"id": PROJECT}},
    "create_export": {"path": {"id": PROJECT}, "body": {"format": "mp4", "height": 1080}},
    "get_export": {"path": {"id": EXPORT}},
    "cancel_export": {"path": {"id": EXPORT}},
    "list_webhooks": {},
    "create_webhook": {
        "body": {"url": "https://example.com/webhooks", "eventTypes": ["task.succeeded", "task.failed"]},
    },
    "get_webhook": {"path": {"id": WEBHOOK}},
    "update_webhook": {"path": {"id": WEBHOOK}, "body": {"enabled": False}},
    "delete_webhook": {"path": {"id": WEBHOOK}},
    "rotate_webhook_secret": {"path": {"id": WEBHOOK}},
    "test_webhook": {"path": {"id": WEBHOOK}},
    "list_webhook_deliveries": {"path": {"id": WEBHOOK}, "query": {"status": "failed"}},
    "replay_webhook_delivery": {"path": {"id": WEBHOOK, "delivery_id": DELIVERY}},
    "replay_webhook": {"path": {"id": WEBHOOK}, "body": {"since": "2026-11-30T00:00:00Z"}},
    "list_models": {},
    "list_workflows": {"client": "workflows.list"},
    "publish_workflow": {"body": {"name": "Words, clip, its sound", "graph": GRAPH}},
    "get_workflow": {"client": "workflows.retrieve", "path": {"id": WORKFLOW}},
    "run_workflow": {"client": "workflows.run", "path": {"id": WORKFLOW}, "body": {"nodeOutputs": WORDS}},
    "quote_workflow": {"path": {"id": WORKFLOW}, "body": {"nodeOutputs": WORDS}},
    "get_workflow_invocation": {"client": "workflow_invocations.retrieve", "path": {"id": RUN}},
    "cancel_workflow_invocation": {"path": {"id": RUN}},
    "create_voice": {
        "verbatim": ["from"],
        "client": "voices.create",
        "body": {
            "from": {"type": "preset", "presetId": "hibari", "speed": 0.9},
            "name": "Nova",
            "description": "Takes her time",
        },
    },
    "list_voices": {"client": "voices.list", "query": {"limit": 20}},
    "get_voice": {"client": "voices.retrieve", "path": {"id": VOICE}},
    "update_voice": {
        "client": "voices.update",
        "path": {"id": VOICE},
        "body": {"name": "Old Nova", "description": "Slow and warm"},
    },
    "delete_voice": {"client": "voices.delete", "path": {"id": VOICE}},
    "preview_voice": {
        "client": "voices.preview",
        "body": {"model": "eleven_ttv_v3", "prompt": "A calm woman who tells stories at night"},
    },
    "text_to_speech": {
        "client": "text_to_speech.create",
        "body": {
            "model": "eleven_multilingual_v2",
            "promptText": "I waited for you by the river.",
            "voice": {"type": "runway-preset", "presetId": "Maya"},
        },
    },
    "sound_effect": {
        "client": "sound_effect.create",
        "body": {"model": "eleven_text_to_sound_v2", "promptText": "A fox walks in the rain", "duration": 2},
    },
    "video_to_audio": {
        "client": "video_to_audio.create",
        "body": {"model": "mirelo_sfx_2_0", "videoUri": CLIP, "duration": 2, "promptText": "rain in a forest"},
    },
    "voice_isolation": {
        "client": "voice_isolation.create",
        "body": {"model": "eleven_voice_isolation", "audioUri": SOUND},
    },
    "voice_dubbing": {
        "client": "voice_dubbing.create",
        "body": {"model": "eleven_voice_dubbing", "audioUri": SOUND, "targetLang": "en"},
    },
    "speech_to_speech": {
        "client": "speech_to_speech.create",
        "body": {
            "model": "eleven_multilingual_sts_v2",
            "media": {"type": "audio", "uri": SOUND},
            "voice": {"type": "runway-preset", "presetId": "Maya"},
        },
    },
    "recipes_multi_shot_video": {
        "client": "recipes.multi_shot_video",
        "body": {
            "mode": "auto",
            "version": "2026-06",
            "prompt": "A red fox waits by a river in the snow. A bear comes along. They walk away.",
            "duration": 5,
            "ratio": "1280:720",
        },
    },
}
